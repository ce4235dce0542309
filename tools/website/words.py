"""What pages say at more than one place, in the language that was chosen."""

from helpers.language import language, spoken


def command():
    """Return what opens the lessons in the language of the page."""
    return "python3 course.py lab" + ("" if language() == "en" else f" --language {language()}")


def of_the_player():
    """Return what the player says by itself, by the names that it knows."""
    return {
        "running": spoken("running"),
        "back": spoken("(the other controls went back: this combination is not recorded)"),
        "none": not_given(),
        "predicted": spoken("you predicted {number}"),
    }


def not_given():
    """Return what `helpers.predict.beside` says of no prediction."""
    return spoken("you gave no prediction")

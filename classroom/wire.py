"""What an answer showed, as JSON and back: plain data only, so reading what a submission wrote runs nothing."""

from dataclasses import asdict

from helpers.exercises.judging import Seen
from helpers.exercises.plain import Other


def to_json(seen):
    """Return one `Seen` as what `json.dumps` takes."""
    return {**asdict(seen), "value": _pack(seen.value), "form": _pack(seen.form)}


def from_json(fields):
    """Return the `Seen`; raise ValueError if `to_json` did not make the fields."""
    try:
        texts = {name: str(fields[name]) for name in ("call", "text", "trouble", "wrong_way")}
        return Seen(value=_unpack(fields["value"]), form=_unpack(fields["form"]), **texts)
    except (KeyError, TypeError, RecursionError):
        raise ValueError("no answer of a submission") from None


def _pack(value):
    """JSON has lists for tuples, and its own None, numbers and texts; all else is an object that names its kind."""
    if type(value) is tuple:
        return [_pack(part) for part in value]
    if type(value) is dict:
        return {"dict": [[_pack(key), _pack(part)] for key, part in value.items()]}
    if type(value) is complex:
        return {"complex": [value.real, value.imag]}
    if type(value) is Other:
        return {"other": value.what}
    return {"dots": None} if value is ... else value


def _unpack(value):
    if type(value) is list:
        return tuple(_unpack(part) for part in value)
    if type(value) is not dict:
        return value
    ((kind, content),) = value.items()
    if kind == "dict":
        return {_unpack(key): _unpack(part) for key, part in content}
    return {"complex": lambda: complex(*content), "other": lambda: Other(str(content)), "dots": lambda: ...}[kind]()

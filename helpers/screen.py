"""A figure that is drawn once and then only where it changes: the canvas behind a live panel."""

import io

from PIL import Image

from helpers import plots
from helpers.language import spoken


class Screen:
    """A figure of the panel's own; only the artists that a state changes are drawn again."""

    def __init__(self, draw, size):
        self._figure = plots.figure(*size)
        with plots.style():
            self._update = draw(self._figure)
        if not callable(self._update):
            told = spoken("draw must return a function update(state), got {this}")
            raise TypeError(told.format(this=repr(self._update)))
        self._moving, self._background, self._laid_out = [], None, False

    @plots.style()
    def paint(self, state):
        """Draw a state and return it as PNG bytes."""
        changed = self._update(state)
        if changed is None or self._background is None or set(changed) != set(self._moving):
            self._draw_all(changed or [])
        if self._moving:
            self._figure.canvas.restore_region(self._background)
            for artist in sorted(self._moving, key=lambda artist: artist.get_zorder()):
                self._figure.draw_artist(artist)
        return self._png()

    @plots.style()
    def paint_nothing(self):
        """Draw the figure without any state and return it as PNG bytes."""
        self._figure.canvas.draw()
        return self._png()

    def _png(self):
        buffer, canvas = io.BytesIO(), self._figure.canvas
        frame = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba())
        frame.convert("RGB").save(buffer, "png", compress_level=1)
        return buffer.getvalue()

    def _draw_all(self, moving):
        """Draw the whole figure and keep everything but the moving artists as the background."""
        canvas = self._figure.canvas
        if not self._laid_out:
            canvas.draw()  # lays out with all artists in place, then the layout stays
            self._figure.set_layout_engine("none")
            self._laid_out = True
        for artist in {*self._moving, *moving}:
            artist.set_animated(artist in moving)
        self._moving = list(moving)
        canvas.draw()
        self._background = canvas.copy_from_bbox(self._figure.bbox)

"""How high each layout is, known before anything loads; right at 280 px and more and the usual text size."""

from service.widgets.options import Layout

NARROWEST = 280  # CSS pixels
HEIGHTS = {Layout.COMPACT: 212, Layout.STRIP: 110, Layout.FULL: 760}

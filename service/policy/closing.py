"""When a page is closed. The answer itself lies in `pages`, below this room: the list of pages tells it too."""

from __future__ import annotations

from service.pages.state import Closing, next_change, state_at

__all__ = ["Closing", "next_change", "state_at"]

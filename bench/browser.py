"""The Chromium of this machine, for what people do with it; without one, `make browser` installs it where it can."""

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A made-up site frames our pages, which are on this machine: browsers would ask the person about that.
    "--disable-features=LocalNetworkAccessChecks",
)
PHONE = {"width": 360, "height": 740}


def found_browser() -> str | None:
    """Where a Chromium lies."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)

"""The page with the panels: its script is made of `panels.jsx` and Grafana's packages, its picture by Chromium."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Route, sync_playwright
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from tests.servers import binary

HERE = Path(__file__).resolve().parent
WIDTH_PX = 1600
KEPT_AT = {
    "public/build/": "node_modules/@grafana/ui/dist/public/",
    "public/fonts/inter/Inter-Regular": "node_modules/@fontsource/inter/files/inter-latin-400-normal",
    "public/fonts/inter/Inter-Medium": "node_modules/@fontsource/inter/files/inter-latin-500-normal",
}
"""Where the packages hold what Grafana's server would give to the page."""


def bundle(folder: Path) -> Path:
    """Fetch the packages into `folder`, as pinned, and return the page's script."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "panels.jsx"):
        shutil.copy(HERE / name, folder)
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)
    options = ["--bundle", "--minify", "--jsx=automatic", '--define:process.env.NODE_ENV="production"']
    options += ["--loader:.ttf=empty", "--log-level=warning", "--outfile=panels.bundle.js"]
    subprocess.run(["node_modules/.bin/esbuild", "panels.jsx", *options], cwd=folder, check=True)
    return folder / "panels.bundle.js"


def draw(script: Path, shown: dict[str, Any], picture: Path) -> None:
    """Write the picture of the page. Raises RuntimeError with what its script complained of."""
    page_text = f"""<!doctype html><link rel="stylesheet" href="/{script.stem}.css"><body style="margin: 0">
        <script>window.FIGURES = {json.dumps(shown)}</script><script src="/{script.name}"></script>"""
    chromium, faults = binary("chromium", "the package of this name"), list[str]()

    def serve(route: Route) -> None:
        path = urlsplit(route.request.url).path.lstrip("/")
        for asked, kept in KEPT_AT.items():
            path = path.replace(asked, kept)
        if path and (script.parent / path).is_file():
            route.fulfill(path=script.parent / path)
        else:
            route.fulfill(status=404 if path else 200, body="" if path else page_text, content_type="text/html")

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": WIDTH_PX, "height": 900})
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.route("**/*", serve)
        page.goto("http://localhost/", wait_until="networkidle")
        drawn = page.screenshot(full_page=True)
        browser.close()
    if faults:
        raise RuntimeError("; ".join(faults))
    _with_few_colours(QImage.fromData(drawn)).save(str(picture), quality=0)


def _with_few_colours(image: QImage) -> QImage:
    """The picture in those of its most frequent colours that differ to the eye: a file a third as large."""
    pixels = image.convertToFormat(QImage.Format.Format_RGB32)
    table: dict[int, int] = {}
    for colour, _ in Counter(memoryview(pixels.constBits()).cast("I")).most_common():
        table.setdefault(colour & 0xF8F8F8, colour)
    nearest = Qt.ImageConversionFlag.ThresholdDither | Qt.ImageConversionFlag.AvoidDither
    return pixels.convertToFormat(QImage.Format.Format_Indexed8, list(table.values())[:256], nearest)

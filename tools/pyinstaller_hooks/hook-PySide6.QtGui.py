"""Takes PyInstaller's own hook's place: of Qt's plugins only those that a window of widgets can use.

Left out here rather than afterwards, so that PyInstaller never looks for what they need. The GTK theme above all:
half a GNOME desktop of the building machine would come along and quarrel with the one it runs on.
"""

from pathlib import PurePath

from PyInstaller.utils.hooks.qt import add_qt6_dependencies

_WANTED = {
    "iconengines": {"qsvgicon"},
    "imageformats": {"qsvg", "qico", "qicns"},
    "platforminputcontexts": {"composeplatforminputcontextplugin", "ibusplatforminputcontextplugin"},
    "platforms": {"qxcb", "qwayland", "qoffscreen", "qcocoa", "qwindows"},
    "platformthemes": {"qxdgdesktopportal"},
    "wayland-decoration-client": {"adwaita", "bradient"},
    "wayland-graphics-integration-client": set(),
    "wayland-shell-integration": {"xdg-shell"},
    "xcbglintegrations": set(),
}


def _is_wanted(source: str) -> bool:
    path = PurePath(source)
    if "plugins" not in path.parts:
        return True
    return path.stem.removeprefix("lib") in _WANTED.get(path.parent.name, set())


hiddenimports, binaries, datas = add_qt6_dependencies(__file__)
binaries = [(source, target) for source, target in binaries if _is_wanted(source)]

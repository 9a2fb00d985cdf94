"""One language for the program's own words and for Qt's: menus of text fields, the dialog for files."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from app.ui.i18n import use_language

QT_WORDS = "qt-words"
"""Name of the application's child that holds Qt's words."""


def speak(code: str, app: QCoreApplication) -> None:
    """Show everything in ``code`` from now on; empty: the system's language."""
    code = code or QLocale.system().name()
    use_language(code)
    before = app.findChild(QTranslator, QT_WORDS)
    if before is not None:
        app.removeTranslator(before)
        before.setObjectName("")  # it goes later
        before.deleteLater()
    words = QTranslator(app)
    words.setObjectName(QT_WORDS)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if words.load(QLocale(code), "qtbase", "_", folder):
        app.installTranslator(words)

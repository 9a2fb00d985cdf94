"""What pyproject.toml cannot say: the folder ``resources`` becomes part of the package ``app``."""

from pathlib import Path

from setuptools import find_packages, setup

FOLDERS = [
    path for path in sorted(Path("resources").glob("**")) if path.is_dir() and "__pycache__" not in path.parts
]
RESOURCES = {".".join(("app", *path.parts)): path.as_posix() for path in FOLDERS}

setup(
    packages=[*find_packages(include=["app", "app.*"]), *RESOURCES],
    package_dir=RESOURCES,
    package_data={name: ["*"] for name in RESOURCES},
    exclude_package_data={"": ["*.po", "make_*.py"]},
)

"""Tells setuptools what the course depends on: the packages of requirements.txt, so that they stand in one place."""

from pathlib import Path

from setuptools import setup

lines = Path(__file__).with_name("requirements.txt").read_text(encoding="utf-8").splitlines()
setup(install_requires=[line.partition(" #")[0].strip() for line in lines if line.strip() and line[0] not in "#-"])

#!/bin/sh
# Bring what a class server needs on Debian or Ubuntu, into the course's own environment. As root; again after an update.
set -e
cd "$(dirname "$0")/../.."
command -v git > /dev/null && python3 -c "import ensurepip" ||
    { apt-get update -q && apt-get install -y -q --no-install-recommends git python3-venv; }
python3 course.py check
.venv/bin/python -m pip install -q -c constraints.txt -r requirements-class.txt
PATH="$PWD/.venv/bin:$PATH" .venv/bin/npm install --silent --global --prefix .venv configurable-http-proxy@5
COURSE_DATA="$PWD/data" .venv/bin/python -c "from helpers import data; data.torchvision_folder()"  # unpacked once for all

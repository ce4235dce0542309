#!/bin/sh
# Give the lessons out and start the hub; Ctrl+C ends it. As root, after install.sh. Settings: see jupyterhub_config.py.
set -e
cd "$(dirname "$0")/../.."
runuser -u nobody -- .venv/bin/python -c "import helpers, ipykernel" ||
    { echo "Learners cannot read $PWD or its Python: put the course into /opt and run install.sh there." >&2; exit 1; }
sh classroom/hub/lessons.sh
mkdir -p -m 700 "${CLASS_STATE:-/srv/class}/hub"
exec .venv/bin/jupyterhub -f classroom/hub/jupyterhub_config.py

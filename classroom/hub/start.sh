#!/bin/sh
# Give the lessons out as they are now and start the hub; Ctrl+C ends it. As root, after install.sh.
set -e
cd "$(dirname "$0")/../.."
state="${CLASS_STATE:-/srv/class}"
runuser -u nobody -- .venv/bin/python -c "import helpers, ipykernel" ||
    { echo "Learners cannot read $PWD or its Python: put the course into /opt and run install.sh there." >&2; exit 1; }
umask 022
mkdir -p "$state/lessons"
mkdir -p -m 700 "$state/hub"
export GIT_DIR="$state/lessons/.git" GIT_WORK_TREE="$state/lessons"
[ -d "$GIT_DIR" ] || git init -q -b main
cp notebooks/*.ipynb "$GIT_WORK_TREE"
echo "*.ipynb -merge" > "$GIT_WORK_TREE/.gitattributes"  # a lesson that a learner has changed stays theirs as a whole
git add --all "$GIT_WORK_TREE"
git -c user.name=class -c user.email=class@localhost commit -q -m "The lessons on $(date +%F)" || true  # nothing is new
git config --system --get-all safe.directory | grep -qxF "$GIT_DIR" ||
    git config --system --add safe.directory "$GIT_DIR"  # learners may copy from a folder of root's
unset GIT_DIR GIT_WORK_TREE
exec .venv/bin/jupyterhub -f classroom/hub/jupyterhub_config.py

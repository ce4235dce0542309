#!/bin/sh
# Make an account for each name on standard input and print the passwords, for you to hand out. As root.
#   sh classroom/hub/accounts.sh < names.txt         one name a line, as Linux takes it: anna, li.wei, s042
#   echo ms.chen | sh classroom/hub/accounts.sh teachers
set -e
group="${1:-learners}"
groupadd --force learners
groupadd --force teachers
while read -r name; do
    useradd --create-home -K HOME_MODE=0700 --shell /bin/bash --groups "$group" "$name"
    password=$(head -c 400 /dev/urandom | LC_ALL=C tr -dc a-hjkmnp-z2-9 | cut -c 1-10)
    echo "$name:$password" | chpasswd
    echo "$name $password"
done

#!/bin/sh
# usage: land.sh targets...
set -e
git fetch -q .; git rebase -q main
cmake build >/dev/null 2>&1
nice ninja -C build "$@" 2>&1 | grep -E 'error|FAILED|no work|Linking' | tail -5
for t in "$@"; do build/$t --gtest_brief=1 >/tmp/h1x/t.out 2>&1 || { cat /tmp/h1x/t.out; exit 1; }; done
git -C /work/main merge --ff-only http 2>&1 | grep -v mode | tail -2

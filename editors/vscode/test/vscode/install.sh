#!/usr/bin/env bash
# install.sh VERSION
#
# Prints the folder of a real VS Code of that version: `vscode` is its server with the workbench
# for browsers and the extension host, `node` the Node.js that it wants. Both are taken from the
# npm registry once and kept below ${HOTCLUB_TEST_CACHE:-~/.cache/hotclub-tests}.
#
# The npm package code-server carries VS Code's own build; its own front end is not used. Nothing
# is compiled: of the native modules the one that writes log files is replaced, and the one that
# watches over parent processes does nothing. The older VS Code would load ripgrep from a host that
# is no registry, and is given that of the newer: without it no extension hears of a manage.py.
set -euo pipefail
shopt -s inherit_errexit

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=${1:?usage: install.sh VERSION}
case $(uname -sm) in
  'Linux x86_64') platform=linux-x64 ;;
  'Linux aarch64') platform=linux-arm64 ;;
  *) echo "install.sh: VS Code's server for tests is installed on Linux only" >&2; exit 1 ;;
esac
case $version in # what is not the same in both: packages, and modules by the names that it knows them by
  1.139.1)
    package=code-server@4.139.1 node=24.21.0
    watchdog=@vscode/native-watchdog ripgrep=@vscode/ripgrep-universal/bin/$platform/rg
    ;;
  1.100.3)
    package=code-server@4.100.3 node=20.20.2
    watchdog=native-watchdog ripgrep=@vscode/ripgrep/bin/rg
    ;;
  *) echo "install.sh: nobody has tried VS Code $version; there are 1.139.1 and 1.100.3" >&2; exit 2 ;;
esac

cache=${HOTCLUB_TEST_CACHE:-$HOME/.cache/hotclub-tests}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd -P)
final=$cache/vscode-$version
npm=(npm --loglevel=error --no-audit --no-fund --no-update-notifier)

if [[ ! -e $final/vscode/node_modules/$ripgrep ]]; then
  exec 9>"$cache/.vscode-$version.lock"
  flock 9
fi
if [[ ! -e $final/vscode/node_modules/$ripgrep ]]; then
  echo "install.sh: unpacking VS Code $version below $final" >&2
  work=$(mktemp -d "$cache/.new-XXXXXX")
  trap 'rm -rf "$work"' EXIT
  cd "$work"

  tarball=$("${npm[@]}" pack "node-$platform@$node")
  tar xzf "$tarball" package/bin/node
  mv package/bin/node node
  tarball=$("${npm[@]}" pack "$package")
  tar xzf "$tarball" --strip-components=2 package/lib/vscode
  rm -r package ./*.tgz
  # Its dependencies are pinned by the shrinkwrap that it brings.
  (cd vscode && "${npm[@]}" install --omit=dev --ignore-scripts) >&2

  # Large, and nothing that a test of ours looks at. Of the extensions only what draws the window
  # and colours Python, so that nothing else starts beside ours.
  rm -rf vscode/node_modules/{@github,@microsoft/mxc-sdk,@devcontainers/cli}
  find vscode/extensions -mindepth 1 -maxdepth 1 \
    ! -name 'theme-*' ! -name python ! -name markdown-basics ! -name node_modules \
    -exec rm -rf {} +
  cp "$here/spdlog.cjs" vscode/node_modules/@vscode/spdlog/index.js
  echo 'exports.start = () => {};' >"vscode/node_modules/$watchdog/index.js"
  if [[ ! -e vscode/node_modules/$ripgrep ]]; then
    tarball=$("${npm[@]}" pack @vscode/ripgrep-universal@1.18.0)
    tar xzf "$tarball" "package/bin/$platform/rg"
    install -D "package/bin/$platform/rg" "vscode/node_modules/$ripgrep"
    rm -r package "$tarball"
  fi
  rm -rf "$final"
  mv -T "$work" "$final"
  trap - EXIT
fi
echo "$final"

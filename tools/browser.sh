#!/bin/sh
# Sees to it that the browser tests find a Chromium and a Chinese font, where the machine allows it. Never fails.

has_browser() {
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then return 0; fi
  done
  return 1
}

has_font() {
  command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=zh 2>/dev/null)" ]
}

apt() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=1 -o Acquire::http::Timeout=20 "$@" >/dev/null 2>&1
}

if has_browser && has_font; then exit 0; fi

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing Chromium and a Chinese font for the browser tests (once)"
  apt update
  has_browser || apt install -y --no-install-recommends chromium
  has_font || apt install -y --no-install-recommends fontconfig fonts-noto-cjk
fi

has_browser || echo "No Chromium here: the browser tests are skipped. For them: apt-get install chromium fonts-noto-cjk"
exit 0

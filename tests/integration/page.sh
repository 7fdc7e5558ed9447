#!/usr/bin/env bash
# page.sh BINARY_DIR - the exporter's page in a headless browser, with a real daemon under load: its figures are
# those of the load, and it draws, in light and in dark: lines of all charts, bars of the ladder; nothing is
# fetched from elsewhere, and nothing is said on the console. Of an absent daemon it draws none of that, and says
# so; the same check finds that.
#
# Where HOLDFAST_PICTURES names a directory, the pictures stay there, to be looked at.
source "$(dirname "$0")/lib.sh" "$1"
browser=$(command -v chromium-headless-shell || command -v chromium || true)
[ -n "$browser" ] || { say "skipped: no chromium-headless-shell"; exit 77; }
pictures=${HOLDFAST_PICTURES:-$dir}

# browse WORDS...: time runs as fast as the page can follow, for six turns
browse() {
    HOME=$dir timeout 120 "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --enable-logging=stderr \
        --window-size=1280,2400 --force-device-scale-factor=2 --virtual-time-budget=6000 "$@" "http://127.0.0.1:$port/" 2>"$dir/browser.out"
    ! grep 'CONSOLE' "$dir/browser.out" || fail "the page complains"
}
drawn() { "$bin/tests/check_picture" "$@" >"$dir/picture.out"; }

"$bin/holdfast-exporter" --socket "$socket" --listen 127.0.0.1:0 >"$dir/exporter.out" 2>&1 </dev/null &
pids+=($!)
await_line "$dir/exporter.out" "serving on .*, port [0-9]+" 10
port=$(sed -nE 's/.*, port ([0-9]+).*/\1/p' "$dir/exporter.out")

# What is looked for: the four colours of lines, and the bars of the ladder, on white and on the dark card.
light=(1f6feb:1200 b4470a:1000 14804a:1500 8b3fc4:230 d5e9de:1500 f5d9db:1500 f5f6f8:100000)
dark=(6ca8ff:1200 ff9b5e:1000 4cc38a:1500 c792ff:230 23413a:1500 492f36:1500 0f1217:100000)

browse --screenshot="$pictures/absent.png"
browse --dump-dom >"$dir/absent.html"
grep -q 'ABSENT: .*no daemon answers.*is it started' "$dir/absent.html" || fail "the page does not say that the daemon is absent"
! drawn "$pictures/absent.png" "${light[@]}" || fail "the check of pictures finds charts where there are none"

start_daemon
"$bin/tests/traders" "$socket" DEMO 5000 25 0 0 >"$dir/traders.out" 2>&1 &
pids+=($!)
fetch() {
    exec 7<>/dev/tcp/127.0.0.1/"$port"
    printf 'GET %s HTTP/1.0\r\n\r\n' "$1" >&7
    timeout 10 cat <&7
    exec 7>&-
}
trades() { [ "$(fetch /metrics | sed -nE 's/^holdfast_trades_total ([0-9]+).*/\1/p')" -gt 12000 ] 2>/dev/null; }
until_true 30 trades || fail "the load does not come"

browse --screenshot="$pictures/light.png"
browse --screenshot="$pictures/dark.png" --blink-settings=preferredColorScheme=0
browse --dump-dom >"$dir/page.html"
drawn "$pictures/light.png" "${light[@]}" || { cat "$dir/picture.out"; fail "the page does not draw"; }
drawn "$pictures/dark.png" "${dark[@]}" || { cat "$dir/picture.out"; fail "the page does not draw in dark"; }

# The figures: of each table and chart some that can come from nowhere else.
turns=$(sed -nE 's/.*data-turns="([0-9]+)".*/\1/p' "$dir/page.html" | head -n 1)
[ "${turns:-0}" -ge 3 ] || fail "the page makes ${turns:-no} turns, not one each second"
text=$(sed 's/<[^>]*>/ /g' "$dir/page.html")
for words in "Holdfast +$instance" "running at LSN [0-9]+" "trader-1 +there" "wait in the ring +[1-9]" \
    "sequenced to durable +[1-9]" "hf-engine +[0-9]" "DEMO +open +[0-9]" "Commands +[1-9][^ ]* */s"; do
    grep -qE "$words" <<<"$text" || fail "the page does not show '$words'"
done
! grep -qE '(src|href)="https?:' "$dir/page.html" || fail "the page fetches from elsewhere"
stop_daemon
say "the page shows the load, and draws it"

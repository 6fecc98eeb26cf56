#!/bin/bash
# Whether this machine can hold the virtual address of the TURN service, for keepalived's vrrp_script. Status 0: it can.
#
#   check-turnkeeper.sh [AGENT [TURN]]
#
# AGENT  where the agent's API listens: host:port (127.0.0.1:9642), or https://host:port where it has TLS (its
#        certificate is not checked: this is the machine itself). It must answer /-/ready with 200.
# TURN   host:port of coturn's TCP listener. With it, an agent that gives no answer at all is forgiven while coturn
#        answers STUN: coturn goes on without its agent, and an agent's restart shall end no call.
#
# It needs bash alone (and openssl for https), and ends within 4 s.
set -u
export LC_ALL=C

readonly TIMEOUT_SECONDS=2
agent=${1:-127.0.0.1:9642}
turn=${2:-}

fail() {
  printf '%s\n' "$1"
  exit 1
}

# Sets `host` and `port`. An IPv6 address stands in brackets. Nothing else gets near a command.
parse() {
  if [[ ! $1 =~ ^(\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):([0-9]{1,5})$ ]]; then
    printf 'expected host:port, not %q\n' "$1"
    exit 2
  fi
  host=${BASH_REMATCH[2]:-${BASH_REMATCH[3]}}
  port=${BASH_REMATCH[4]}
}

request() {
  printf 'GET /-/ready HTTP/1.0\r\nHost: %s\r\nAccept: text/plain\r\n\r\n' "$host"
}

# The answer's status line and what follows, at most 2 kB.
ask_agent() {
  if [[ $agent == https://* ]]; then
    request | timeout "$TIMEOUT_SECONDS" openssl s_client -quiet -connect "$host:$port" 2>/dev/null | head -c 2048
  else
    request | timeout "$TIMEOUT_SECONDS" bash -c 'exec 3<>"/dev/tcp/$1/$2" && cat >&3 && head -c 2048 <&3' _ "$host" "$port" 2>/dev/null
  fi
}

# A Binding request without attributes over TCP (RFC 8489, 5 and 6.2.2), and whether its success answers (0x0101, the
# magic cookie). One transaction id is as good as another here.
coturn_answers() {
  parse "$turn"
  local answer
  answer=$(timeout "$TIMEOUT_SECONDS" bash -c '
    exec 3<>"/dev/tcp/$1/$2" &&
      printf "\x00\x01\x00\x00\x21\x12\xa4\x42turnkeeper!!" >&3 &&
      head -c 20 <&3 | od -An -v -tx1 | tr -d " \n"' _ "$host" "$port" 2>/dev/null)
  [[ $answer =~ ^0101....2112a4427475726e6b65657065722121$ ]]
}

parse "${agent#https://}"
answer=$(ask_agent)
if [[ $answer =~ ^HTTP/1\.[01]\ 200\  ]]; then
  exit 0
fi
if [[ $answer == HTTP/* ]]; then
  # What is behind the empty line says why.
  fail "not ready: $(printf '%s' "${answer#*$'\r\n\r\n'}" | tr -cd '[:print:]' | head -c 200)"
fi
if [[ -n $turn ]] && coturn_answers; then
  exit 0
fi
fail 'the agent does not answer'

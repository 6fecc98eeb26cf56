#!/bin/bash
# keepalived's notify script: says where the virtual address is. It is called with INSTANCE|GROUP, a name, and the new
# state (keepalived.conf(5), "notify").
#
# It changes nothing of the relay. Nobody has to be told to begin: both relays run all the time, or the check would keep
# the address from them. A relay that lost the address must not be drained either: it would not be ready, and could not
# take the address again. What its clients had open there expires by itself.
#
# The state goes to syslog, and into a file for node_exporter's textfile collector where TEXTFILE_DIRECTORY is set here.
set -u
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin

: "${TEXTFILE_DIRECTORY:=}"
name=${2:-}
state=${3:-}

case $state in
  MASTER) holds=1 ;;
  BACKUP | FAULT | STOP) holds=0 ;;
  *) exit 0 ;; # MASTER_RX_LOWER_PRI and others say nothing new
esac
[[ $name =~ ^[A-Za-z0-9_.-]{1,64}$ ]] || exit 2

logger --tag turnkeeper-keepalived --priority daemon.notice -- "virtual address of $name: this machine is $state now"

if [[ -n $TEXTFILE_DIRECTORY ]]; then
  file=$TEXTFILE_DIRECTORY/turnkeeper_keepalived_$name.prom
  {
    printf '# HELP turnkeeper_keepalived_holds_address Whether this machine has the virtual address: 1 or 0.\n'
    printf '# TYPE turnkeeper_keepalived_holds_address gauge\n'
    printf 'turnkeeper_keepalived_holds_address{vrrp_instance="%s"} %s\n' "$name" "$holds"
  } >"$file.$$" && mv -f -- "$file.$$" "$file"
fi

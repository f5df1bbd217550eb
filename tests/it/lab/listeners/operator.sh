# operator.sh SIDE: what is done on both sides, after everything has been started.
sleep 8
pid() { if [ "$1" = systemd ]; then systemctl show -p MainPID --value killed; else supervisorctl pid killed; fi; }
kill -KILL "$(pid "$1")"
if [ "$1" = systemd ]; then systemctl stop stopped; else supervisorctl stop stopped; fi
sleep 22
: > /lab/out/done

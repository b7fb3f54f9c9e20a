# The host, where an iptables_persistence was applied before.
terraform import iptables_persistence.web1 web1.example.com

# The host, a blank, and how ipset save begins to list the set.
terraform import iptables_ip_set.office 'web1.example.com create office'

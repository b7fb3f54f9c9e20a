# The host, a blank, and the word firewall: what the chain INPUT has of services, and its default policy.
terraform import iptables_firewall.web1 'web1.example.com firewall'

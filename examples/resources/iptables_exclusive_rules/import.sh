# The host, a blank, and how iptables lists the chain. All that stands there now may stand there.
terraform import iptables_exclusive_rules.input 'web1.example.com -S INPUT'

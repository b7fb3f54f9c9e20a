# The host, a blank, and the policy as iptables -S prints it.
terraform import iptables_default_policy.input 'web1.example.com -P INPUT DROP'

# Or the rule at the end of the chain, for method = "rule".
terraform import iptables_default_policy.forward 'web1.example.com -A FORWARD -j DROP'

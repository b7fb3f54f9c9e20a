# The host, a blank, and the rule as iptables -S prints it.
terraform import iptables_rule.gre 'web1.example.com -A INPUT -s 203.0.113.7/32 -p gre -m comment --comment "tunnel to the office" -j ACCEPT'

# Another table, as for iptables itself; a rule of IPv6 has ip6tables in front.
terraform import iptables_rule.forwarded_web 'web1.example.com -t nat -A PREROUTING -i eth0 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.5:8080'

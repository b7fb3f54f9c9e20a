# The host, a blank, and how iptables -S says that the chain is there.
terraform import iptables_chain.office 'web1.example.com -N OFFICE'

# A built-in chain; another table stands in front, and the command where it is for one family only.
terraform import iptables_chain.forward 'web1.example.com -P FORWARD'
terraform import iptables_chain.postrouting 'web1.example.com iptables -t nat -P POSTROUTING'

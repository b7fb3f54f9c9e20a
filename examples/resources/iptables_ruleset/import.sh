# The host, a blank, and the tables as iptables-save begins them, behind ip6tables or iptables where it is for one family only.
terraform import iptables_ruleset.web1 'web1.example.com iptables *filter'

# The configuration takes the text from a file; Terraform generates none, since it shows the text of a ruleset nowhere.
ssh web1.example.com iptables-save -t filter >web1.v4

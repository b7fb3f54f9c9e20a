import {
  to = iptables_ruleset.web1
  id = "web1.example.com iptables *filter"
}

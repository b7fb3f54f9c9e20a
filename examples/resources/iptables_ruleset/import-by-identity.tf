import {
  to = iptables_ruleset.web1
  identity = {
    host   = "web1.example.com"
    tables = "iptables *filter"
  }
}

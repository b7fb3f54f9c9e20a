# Which of the built-in chains refuse what no rule allows?
list "iptables_default_policy" "all" {
  provider = iptables

  config {
    host = "web1.example.com"
  }
}

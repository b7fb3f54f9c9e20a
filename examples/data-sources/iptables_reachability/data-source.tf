data "iptables_reachability" "mysql" {
  host = "db1.example.com"
  port = 3306
}

# ["203.0.113.0/24", "2001:db8:1::/48"]
output "who_reaches_mysql" {
  value = data.iptables_reachability.mysql.sources
}

# Does the host let anybody but the office in, now?
data "iptables_reachability" "strangers" {
  host   = "db1.example.com"
  port   = 3306
  except = ["203.0.113.0/24", "2001:db8:1::/48"]
}

check "mysql" {
  assert {
    condition     = data.iptables_reachability.strangers.verdict == "dropped"
    error_message = "Others than the office reach mysql: ${data.iptables_reachability.strangers.because}."
  }
}

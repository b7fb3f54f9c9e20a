resource "iptables_service" "ssh" {
  host    = "db1.example.com"
  name    = "ssh"
  sources = ["203.0.113.0/24"]
}

resource "iptables_service" "mysql" {
  host    = "db1.example.com"
  name    = "mysql"
  sources = ["203.0.113.0/24"]
}

resource "iptables_default_policy" "input" {
  host       = "db1.example.com"
  policy     = "DROP"
  depends_on = [iptables_service.ssh, iptables_service.mysql]
}

locals {
  rules = concat(
    iptables_service.ssh.rules,
    iptables_service.mysql.rules,
    iptables_default_policy.input.rules,
  )
}

# In each plan: does anybody but the office reach the database?
check "database" {
  assert {
    condition     = provider::iptables::reachable(local.rules, { port = 3306, except = ["203.0.113.0/24"] }).verdict == "dropped"
    error_message = "Others than the office reach the database."
  }
}

# ["203.0.113.0/24"]
output "who_reaches_the_database" {
  value = provider::iptables::reachable(local.rules, { port = 3306 }).sources
}

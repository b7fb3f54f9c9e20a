provider "iptables" {
  ssh = var.ssh
}

resource "iptables_service" "public" {
  for_each = toset(["ssh", "http", "https"])

  host = var.host
  name = each.key
}

resource "iptables_service" "database" {
  host    = var.host
  name    = "mysql"
  sources = var.database_clients
}

resource "iptables_default_policy" "input" {
  host   = var.host
  policy = "DROP"

  depends_on = [iptables_service.public, iptables_service.database]
}

locals {
  # What the host will have, known while planning. Nothing has been applied yet.
  rules = concat(
    flatten(values(iptables_service.public)[*].rules),
    iptables_service.database.rules,
    iptables_default_policy.input.rules,
  )

  office    = provider::iptables::reachable(local.rules, { port = 3306, source = var.office_networks })
  strangers = provider::iptables::reachable(local.rules, { port = 3306, except = var.office_networks })
}

# A check that fails is a warning, in each plan and apply. As the precondition of an output, the same condition is an
# error, and nothing is applied.
check "office" {
  assert {
    condition     = local.office.verdict == "accepted"
    error_message = "Not all of the office reaches the database, only ${jsonencode(local.office.sources)}: ${local.office.because}."
  }
}

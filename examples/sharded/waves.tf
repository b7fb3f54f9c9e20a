locals {
  canaries = { for name, host in local.mine : name => host.address if host.canary }
  others   = { for name, host in local.mine : name => host.address if !host.canary && var.wave == "all" }
}

resource "iptables_firewall" "canary" {
  for_each = local.canaries

  host     = each.value
  services = var.services
}

# What the canaries let in, asked after they were changed.
data "iptables_reachability" "https" {
  for_each = local.canaries

  host       = each.value
  port       = 443
  depends_on = [iptables_firewall.canary]
}

locals {
  ailing = [for name, https in data.iptables_reachability.https : "${name}: ${https.because}" if https.verdict != "accepted"]
}

# Tells in every plan how the canaries are.
check "canaries" {
  assert {
    condition     = length(local.ailing) == 0
    error_message = "Canaries that do not let everybody reach https: ${join("; ", local.ailing)}."
  }
}

# And stops here if they are not well: a check only warns.
resource "iptables_firewall" "other" {
  for_each = local.others

  host     = each.value
  services = var.services

  lifecycle {
    precondition {
      condition     = length(local.ailing) == 0
      error_message = "The canaries are not well, so no other host is changed: ${join("; ", local.ailing)}."
    }
  }
}

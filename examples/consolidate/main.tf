provider "iptables" {
  ssh = var.ssh
}

resource "iptables_firewall" "host" {
  for_each = var.hosts

  host = each.key

  services = {
    ssh   = { sources = var.office_networks }
    http  = {}
    https = {}
  }

  default_policy = {
    policy = "DROP"
  }
}

# The policy becomes the firewall, on each host. It alone knows something that the host does not:
# the policy that was there before.
moved {
  from = iptables_default_policy.input
  to   = iptables_firewall.host
}

# The services leave the state and stay on the hosts, where the firewall finds its lines.
removed {
  from = iptables_service.allowed

  lifecycle {
    destroy = false
  }
}

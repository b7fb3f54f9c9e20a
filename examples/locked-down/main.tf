provider "iptables" {
  ssh = var.ssh
}

# Nothing else: a port that somebody opens by hand shows in the next plan, in `unmanaged`, and
# the next apply closes it.
resource "iptables_firewall" "host" {
  for_each = var.hosts

  host = each.key

  services = merge(
    {
      ssh = {
        sources    = var.office_networks
        rate_limit = { rate = "10/minute", per_source = true }
      }
    },
    each.value,
  )

  default_policy = {
    policy       = "DROP"
    drop_invalid = true
    log          = {}
  }

  exclusive = true

  # Lines of Docker, fail2ban and the like stay anyway. These are of a team that bans by hand.
  ignore = ["-A INPUT -s * -m comment --comment \"ban *\" -j DROP"]
}

output "unmanaged" {
  description = "What was found that should not be there, by host; empty after an apply."
  value       = { for host, firewall in iptables_firewall.host : host => firewall.unmanaged }
}

provider "iptables" {
  ssh   = var.ssh
  hosts = var.hosts
}

locals {
  everywhere = {
    ssh   = { sources = var.office_networks }
    http  = { sources = null } # everyone
    https = { sources = null }
  }
  mail = {
    smtp  = { sources = null }
    smtps = { sources = null }
    imaps = { sources = null }
  }

  # A `for` expression that stands in for_each itself is evaluated again for each instance: a
  # map that is finished here is worked out once.
  services = merge([
    for host in keys(var.hosts) : {
      for name, service in merge(
        local.everywhere,
        { for name, service in local.mail : name => service if host == var.mail_host },
      ) : "${host} ${name}" => { host = host, name = name, sources = service.sources }
    }
  ]...)
}

resource "iptables_service" "allowed" {
  for_each = local.services

  host    = each.value.host
  name    = each.value.name # the catalogue knows the ports
  sources = each.value.sources
}

# Everything else is dropped, in IPv4 and IPv6. Loopback, established connections and the ICMP
# that networks need stay; ping is answered up to a rate.
resource "iptables_default_policy" "input" {
  for_each = var.hosts

  host      = each.key
  policy    = "DROP"
  icmp      = "ping"
  ping_rate = "5/second"

  # The doors are opened before the wall goes up, and the wall comes down before they go.
  depends_on = [iptables_service.allowed]
}

provider "iptables" {
  ssh = var.ssh
}

locals {
  hosts = toset([for file in fileset(var.directory, "*.v4") : trimsuffix(file, ".v4")])
}

# One host for each file NAME.v4, and its IPv6 from NAME.v6 where there is one.
resource "iptables_ruleset" "host" {
  for_each = local.hosts

  host   = each.key
  ipv4   = file("${var.directory}/${each.key}.v4")
  ipv6   = fileexists("${var.directory}/${each.key}.v6") ? file("${var.directory}/${each.key}.v6") : null
  ignore = ["-A INPUT -s * -m comment --comment \"ban *\" -j DROP"] # a team bans by hand
}

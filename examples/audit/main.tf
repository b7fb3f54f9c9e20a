provider "iptables" {
  ssh   = var.ssh
  hosts = var.hosts
}

# Nothing here writes: there is no resource.
data "iptables_listening_sockets" "all" {
  for_each = var.hosts
  host     = each.key
}

locals {
  # One line for each port. What listens for the host itself only is left out.
  listening = flatten([
    for host, data in data.iptables_listening_sockets.all : [
      for s in data.sockets : {
        host = host
        port = "${s.port}/${s.protocol}"
        in   = s.family
        who  = s.process == null ? "?" : s.process
        from = s.reachable_from
      } if !s.loopback
    ]
  ])
  silent = flatten([
    for host, data in data.iptables_listening_sockets.all : [
      for p in data.silent_ports : {
        host = host
        port = p.ports
        in   = p.family
        who  = p.rule
        from = p.reachable_from
      }
    ]
  ])
  findings = {
    open         = [for l in local.listening : l if l.from != "none"]
    not_allowed  = [for l in local.listening : l if l.from == "none"]
    not_listened = local.silent
  }

  tables = {
    for name, lines in local.findings : name => join("\n", concat(
      [format(local.row, "HOST", "PORT", "IN", "FROM", name == "not_listened" ? "ACCEPTED BY" : "PROGRAM")],
      length(lines) == 0 ? ["(none)"] : distinct([for l in lines : format(local.row, l.host, l.port, l.in, l.from, l.who)]),
    ))
  }
  row = "%-20s %-17s %-5s %-8s %s"
}

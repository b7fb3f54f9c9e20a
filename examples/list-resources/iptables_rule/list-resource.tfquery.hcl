# What is no service's, no policy's and in no chain that is managed whole.
list "iptables_rule" "others" {
  provider = iptables

  config {
    host = "web1.example.com"
  }
}

# Every rule about one port, whoever wrote it.
list "iptables_rule" "snmp" {
  provider         = iptables
  include_resource = true

  config {
    host           = "web1.example.com"
    table          = "filter"
    port           = "161/udp"
    everything     = true
    other_software = true
  }
}

# terraform test: what the planned rules let through. Each run is a plan, and changes nothing.

run "nobody_outside_the_office_reaches_the_database" {
  command = plan

  assert {
    condition     = local.strangers.verdict == "dropped"
    error_message = "Reached from ${jsonencode(local.strangers.sources)}: ${local.strangers.because}"
  }
}

run "everybody_reaches_the_website" {
  command = plan

  assert {
    condition = alltrue([
      for port in concat(provider::iptables::service("http"), provider::iptables::service("https")) :
      provider::iptables::reachable(local.rules, {
        port     = split("/", port)[0]
        protocol = split("/", port)[1]
      }).verdict == "accepted"
    ])
    error_message = "The website is not open to everybody."
  }
}

run "the_last_word_is_no" {
  command = plan

  assert {
    condition     = contains([for line in local.rules : provider::iptables::parse_rule(line).policy if strcontains(line, "-P INPUT")], "DROP")
    error_message = "INPUT does not drop what no rule accepts."
  }

  assert {
    condition     = provider::iptables::reachable(local.rules, { protocol = "udp", port = 53 }).verdict == "dropped"
    error_message = "A port that no service names is open."
  }
}

terraform {
  required_version = ">= 1.5"

  required_providers {
    iptables = {
      source = "vpsfirewall/iptables"
    }
  }

  # A pipeline starts on an empty machine: put the state where all runs find it, for example
  #   backend "s3" { bucket = "...", key = "firewall", use_lockfile = true }   # GitHub
  #   backend "http" {}                                                        # GitLab keeps it itself
}

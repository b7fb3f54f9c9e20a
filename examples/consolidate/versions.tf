terraform {
  required_version = ">= 1.8" # `moved` between types

  required_providers {
    iptables = {
      source = "vpsfirewall/iptables"
    }
  }
}

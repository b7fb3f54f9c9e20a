terraform {
  required_version = ">= 1.5"

  required_providers {
    iptables = {
      source = "vpsfirewall/iptables"
    }
  }
}

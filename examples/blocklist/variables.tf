variable "hosts" {
  description = "The hosts: a name for each, and where it is."
  type = map(object({
    address = string
    port    = optional(number)
  }))
  default = {
    web1 = { address = "web1.example.com" }
    web2 = { address = "web2.example.com" }
  }
}

variable "networks_file" {
  description = "The list: one network a line; what follows # or ; is a comment."
  type        = string
  default     = "networks.txt"
}

variable "ssh" {
  description = "How to log in. By default as root, with the keys of your SSH agent."
  type = object({
    user              = optional(string)
    private_key_file  = optional(string)
    known_hosts_files = optional(list(string))
  })
  default = {}
}

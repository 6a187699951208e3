#include "snmp/net_snmp.h"

namespace snmp {

unsigned char asn_type(Type type) {
  switch (type) {
    case Type::integer:
      return ASN_INTEGER;
    case Type::gauge:
      return ASN_GAUGE;
    case Type::counter:
      return ASN_COUNTER;
    case Type::counter64:
      return ASN_COUNTER64;
    case Type::ticks:
      return ASN_TIMETICKS;
    case Type::octets:
      return ASN_OCTET_STR;
    case Type::address:
      return ASN_IPADDRESS;
  }
  return ASN_NULL;
}

void set_variable(netsnmp_variable_list* to, Type type, const Value& value) {
  const unsigned char asn = asn_type(type);
  switch (type) {
    case Type::integer:
      snmp_set_var_typed_integer(to, asn, as_integer(value.number));
      break;
    case Type::gauge:
      snmp_set_var_typed_integer(to, asn, as_gauge(value.number));
      break;
    case Type::counter:
    case Type::ticks:
      snmp_set_var_typed_integer(to, asn, static_cast<uint32_t>(value.number));
      break;
    case Type::counter64: {
      counter64 both{};
      both.high = static_cast<uint64_t>(value.number) >> 32;
      both.low = static_cast<uint64_t>(value.number) & 0xffffffff;
      snmp_set_var_typed_value(to, asn, &both, sizeof both);
      break;
    }
    case Type::octets:
    case Type::address:
      snmp_set_var_typed_value(to, asn, value.text.data(), value.text.size());
      break;
  }
}

}  // namespace snmp

#include "signer/key_weakness.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <array>

#include "signer/verify.hpp"

namespace csrflow::signer {
namespace {

using Context = Handle<BN_CTX, BN_CTX_free>;
using Weakness = std::optional<std::string>;

constexpr unsigned largest_small_factor = 751;
constexpr int fermat_rounds = 110;

NumberPtr number(std::string_view big_endian) {
  return NumberPtr(
      require(BN_bin2bn(octets(big_endian), static_cast<int>(big_endian.size()), nullptr), "read a number"));
}
NumberPtr make_number() {
  return NumberPtr(require(BN_new(), "make a number"));
}

bool has_small_factor(const BIGNUM* modulus) {
  for (unsigned factor = 3; factor <= largest_small_factor; factor += 2)
    if (BN_mod_word(modulus, factor) == 0) return true;
  return false;
}

/// Nemec et al., The Return of Coppersmith's Attack (CCS 2017): for each of these primes the modulus lies in
/// the subgroup that 65537 generates.
bool has_roca_fingerprint(const BIGNUM* modulus) {
  constexpr unsigned primes[] = {11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157};
  constexpr unsigned generator = 65'537;
  return std::ranges::all_of(primes, [&](unsigned prime) {
    const auto residue = static_cast<unsigned>(BN_mod_word(modulus, prime));
    unsigned power = 1;
    do {
      if (power == residue) return true;
      power = power * (generator % prime) % prime;
    } while (power != 1);
    return false;
  });
}

/// The largest whole number whose square is not above `n` (Newton's method from above).
NumberPtr root_of(const BIGNUM* n, BN_CTX* context) {
  NumberPtr root = make_number(), next = make_number();
  require(BN_set_bit(root.get(), (BN_num_bits(n) + 1) / 2) == 1, "take a root");
  while (true) {
    require(BN_div(next.get(), nullptr, n, root.get(), context) == 1 &&
                BN_add(next.get(), next.get(), root.get()) == 1 && BN_rshift1(next.get(), next.get()) == 1,
            "take a root");
    if (BN_cmp(next.get(), root.get()) >= 0) return root;
    root.swap(next);
  }
}

/// Could it be a square? Rules out 99 of 100 others without taking a root.
bool may_be_square(const BIGNUM* n) {
  constexpr unsigned moduli[] = {64, 63, 65, 11};
  return std::ranges::all_of(moduli, [&](unsigned modulus) {
    const auto residue = static_cast<unsigned>(BN_mod_word(n, modulus));
    for (unsigned i = 0; i < modulus; ++i)
      if (i * i % modulus == residue) return true;
    return false;
  });
}

bool is_square(const BIGNUM* n, BN_CTX* context) {
  if (!may_be_square(n)) return false;
  const NumberPtr root = root_of(n, context), square = make_number();
  require(BN_sqr(square.get(), root.get(), context) == 1, "square a number");
  return BN_cmp(square.get(), n) == 0;
}

/// The round in which Fermat's method factors the modulus; 0: in none.
int fermat_round(const BIGNUM* modulus) {
  const Context context(require(BN_CTX_new(), "make a context"));
  if (is_square(modulus, context.get())) return 1;
  const NumberPtr a = root_of(modulus, context.get()), difference = make_number();
  for (int round = 1; round <= fermat_rounds; ++round) {
    require(BN_add_word(a.get(), 1) == 1 && BN_sqr(difference.get(), a.get(), context.get()) == 1 &&
                BN_sub(difference.get(), difference.get(), modulus) == 1,
            "look for factors");
    if (is_square(difference.get(), context.get())) return round;
  }
  return 0;
}

Weakness rsa_weakness(const RequestParts::Key& key) {
  if (key.bits > static_cast<std::uint32_t>(max_rsa_bits))
    return "an RSA key of " + std::to_string(key.bits) + " bits; at most " + std::to_string(max_rsa_bits);
  if (key.bits % 8 != 0)
    return "an RSA key of " + std::to_string(key.bits) + " bits, which are no whole octets";
  const NumberPtr modulus = number(key.modulus), exponent = number(key.exponent);
  constexpr unsigned least_exponent = 65'537;
  if (!BN_is_odd(exponent.get())) return "the RSA exponent is even";
  const NumberPtr least = make_number();
  require(BN_set_word(least.get(), least_exponent) == 1, "make a number");
  if (BN_cmp(exponent.get(), least.get()) < 0)
    return "RSA exponent " + std::to_string(BN_get_word(exponent.get())) + "; use 65537";
  if (!BN_is_odd(modulus.get()) || has_small_factor(modulus.get()))
    return "the RSA modulus has a small factor";
  if (has_roca_fingerprint(modulus.get())) return "the key has the ROCA fingerprint (CVE-2017-15361)";
  if (const int round = fermat_round(modulus.get()); round != 0)
    return "the RSA modulus' factors are too close (Fermat, round " + std::to_string(round) + ")";
  return std::nullopt;
}

/// RFC 8032 5.1.3: y below p = 2^255 − 19; and none of the eight points whose order divides 8, whose y are
/// these and 1, 0, p − 1.
Weakness ed25519_weakness(std::string_view point) {
  constexpr std::size_t size = 32;
  if (point.size() != size) return "an Ed25519 key that is not 32 bytes long";
  std::array<unsigned char, size> y{};
  std::ranges::copy(point, y.begin());
  y[size - 1] &= 0x7f;  // the sign of x
  std::array<unsigned char, size> p{};
  p.fill(0xff);
  p[0] = 0xed;
  p[size - 1] = 0x7f;
  if (!std::ranges::lexicographical_compare(y.rbegin(), y.rend(), p.rbegin(), p.rend()))
    return "the Ed25519 key is not a canonical point";
  constexpr std::array<std::array<unsigned char, size>, 2> order_8{
      {{0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
        0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
       {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
        0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a}}};
  std::array<unsigned char, size> zero{}, one{}, minus_one = p;
  one[0] = 1;
  minus_one[0] = 0xec;
  if (y == zero || y == one || y == minus_one || y == order_8[0] || y == order_8[1])
    return "the Ed25519 key is a point of small order";
  return std::nullopt;
}

}  // namespace

Weakness weakness(const RequestParts::Key& key) {
  if (key.algorithm == "RSA") return rsa_weakness(key);
  if (key.algorithm == "Ed25519") return ed25519_weakness(key.point);
  if (key.algorithm == "ECDSA" && key.curve == "unnamed") return "elliptic curve parameters must be named";
  return std::nullopt;
}

Weakness unsound(std::string_view spki) {
  const auto key = public_key(spki);
  if (!key) return key.error();
  const KeyContextPtr context(
      require(EVP_PKEY_CTX_new_from_pkey(nullptr, key->get(), nullptr), "check a key"));
  const bool sound = EVP_PKEY_public_check(context.get()) == 1;
  ERR_clear_error();
  return sound ? std::nullopt : Weakness("the public key is not a sound one");
}

}  // namespace csrflow::signer

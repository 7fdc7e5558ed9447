/*
 * crc32c.h - CRC32C (Castagnoli), hardware where the CPU has it (chosen at run time), table elsewhere.
 * Values compose: hf_crc32c(hf_crc32c(seed, a), b) == CRC of a then b.
 */
#ifndef HF_BASE_CRC32C_H
#define HF_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/** Pre- and post-inverted as usual: hf_crc32c(0, "123456789", 9) == 0xe3069283. Thread: any. */
uint32_t hf_crc32c(uint32_t crc, const void *data, size_t len_bytes);

/** The portable table version, for tests and CPUs without the instruction. */
uint32_t hf_crc32c_table(uint32_t crc, const void *data, size_t len_bytes);

#endif

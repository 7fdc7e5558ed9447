/* page.h - page.html, built into the program (CMakeLists.txt makes its definition). */
#ifndef HF_EXPORTER_PAGE_H
#define HF_EXPORTER_PAGE_H

#include <stddef.h>

extern const unsigned char hf_exporter_page[];
extern const size_t hf_exporter_page_size;

#endif

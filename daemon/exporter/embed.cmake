# embed.cmake - page.html as a C array: cmake -DINPUT=page.html -DOUTPUT=page.c -P embed.cmake
file(READ ${INPUT} hex HEX)
string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE ${OUTPUT} "#include \"exporter/page.h\"\nconst unsigned char hf_exporter_page[] = {\n${bytes}};\nconst size_t hf_exporter_page_size = sizeof(hf_exporter_page);\n")

# compress_man.cmake - manual pages of the packages, compressed as Debian has them. Run by CPack, which knows where
# they were put; an installation by hand leaves them as they are.
file(GLOB_RECURSE pages LIST_DIRECTORIES false ${CPACK_TEMPORARY_DIRECTORY}/*/usr/share/man/*.[1-9])
foreach(page ${pages})
  execute_process(COMMAND gzip -9n ${page} COMMAND_ERROR_IS_FATAL ANY)
endforeach()

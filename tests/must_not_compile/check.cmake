# cmake -DCOMPILER -DFLAGS -DSOURCE -DEXPECTED -P check.cmake
execute_process(COMMAND "${COMPILER}" ${FLAGS} "${SOURCE}" RESULT_VARIABLE status ERROR_VARIABLE messages)
if(NOT status EQUAL 0)
    message(FATAL_ERROR "The control does not compile (${status}), so the case proves nothing:\n${messages}")
endif()
execute_process(COMMAND "${COMPILER}" ${FLAGS} -DETRMS_FORBIDDEN "${SOURCE}"
    RESULT_VARIABLE status ERROR_VARIABLE messages)
if(status EQUAL 0)
    message(FATAL_ERROR "The forbidden line compiles: ${SOURCE}")
endif()
if(NOT messages MATCHES "${EXPECTED}")
    message(FATAL_ERROR "It fails for another reason than \"${EXPECTED}\":\n${messages}")
endif()

-- As much of nvim-nio as the adapter uses, with its meaning: tasks that wait are coroutines.
local M = { control = {} }

local function resume(task, ...)
  local ok, fault = coroutine.resume(task, ...)
  if not ok then
    error(debug.traceback(task, tostring(fault)), 0)
  end
end

-- run begins a task; done is called with what it returns.
function M.run(task, done)
  resume(coroutine.create(function()
    local results = { task() }
    if done then
      done(true, unpack(results))
    end
  end))
end

-- scheduler goes on in Neovim's main loop.
function M.scheduler()
  local task = assert(coroutine.running(), 'nio.scheduler outside of a task')
  vim.schedule(function()
    resume(task)
  end)
  coroutine.yield()
end

-- future is set once and then has its value for all who wait.
function M.control.future()
  local set, values, waiting = false, nil, {}
  return {
    set = function(...)
      assert(not set, 'a future is set once')
      set, values = true, { ... }
      for _, task in ipairs(waiting) do
        vim.schedule(function()
          resume(task)
        end)
      end
    end,
    wait = function()
      if not set then
        table.insert(waiting, (assert(coroutine.running(), 'future.wait outside of a task')))
        coroutine.yield()
      end
      return unpack(values)
    end,
  }
end

return M
